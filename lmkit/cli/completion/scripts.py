"""What makes shells ask lmkit for completions."""

BASH = """\
_lmkit_completion() {
    local line kind=""
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
    done < <(_LMKIT_COMPLETE=bash _LMKIT_LINE="${COMP_LINE:0:COMP_POINT}" "$1" 2>/dev/null)
    if [[ $kind == files ]]; then compopt -o filenames 2>/dev/null; fi
}
complete -o nosort -F _lmkit_completion lmkit 2>/dev/null || complete -F _lmkit_completion lmkit
"""

ZSH = """\
#compdef lmkit
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_lmkit() {
    local -a found
    found=("${(@f)$(_LMKIT_COMPLETE=zsh _LMKIT_LINE="${(j: :)words[1,CURRENT]}" "$words[1]" 2>/dev/null)}")
    if [[ $found[1] == files ]]; then
        compadd -f -- "${(@)found[2,-1]}"
    elif (( $#found > 1 )); then
        _describe -V lmkit "(${(@q)found[2,-1]})"
    fi
}
compdef _lmkit lmkit
"""

FISH = """\
function __lmkit_complete
    env _LMKIT_COMPLETE=fish _LMKIT_LINE=(commandline -cp | string collect) lmkit 2>/dev/null | tail -n +2
end
complete -c lmkit -f -k -a '(__lmkit_complete)'
"""

POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName lmkit -ScriptBlock {
    param($word, $ast, $cursor)
    $env:_LMKIT_COMPLETE = 'powershell'
    $env:_LMKIT_LINE = $ast.ToString().PadRight($cursor).Substring(0, $cursor)
    lmkit 2>$null | Select-Object -Skip 1
    Remove-Item Env:_LMKIT_COMPLETE, Env:_LMKIT_LINE
}
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}
