"""What `lmkit demo` says of each step: a title, and a sentence on each figure, in English and French."""

Texts = dict[str, tuple[str, dict[str, str]]]

ENGLISH: Texts = {
    "words": (
        "Count words: the empirical distribution of the vocabulary",
        {"column 2": "how often the word stands in the text; a few words make up much of it."},
    ),
    "bigrams": (
        "Count pairs of words (bigrams)",
        {"column 2": "how often the second word follows the first, within a sentence."},
    ),
    "entropy": (
        "How uncertain is a word?",
        {
            "entropy_bits": "the mean surprise of a word, −Σ p log2 p: as many yes-no questions are needed to guess it, on average.",
            "entropy_bits_with_eos": "the same with the end of the sentence, </s>, as one more outcome.",
            "conditional_entropy_bits": "what remains when the word before is known: far less, which is why n-grams work.",
            "order": "the length of the n-grams of the conditional entropy: 2, one word before.",
            "types": "the number of different words.",
            "tokens": "the number of running words.",
            "sentences": "the number of lines.",
            "signature": "the settings that made these figures; quote it with them.",
        },
    ),
    "train": (
        "Count n-grams of orders 1 to 3",
        {"n-grams": "how many different ones there are of each order; unigrams include the marks </s>, <s> and <unk>."},
    ),
    "maximum-likelihood": (
        "Predict new text with relative frequencies: c(hw) / c(h)",
        {
            "perplexity": "infinite, because a single event of probability 0 makes the text impossible: this is why models are smoothed.",
            "perplexity_excluding_oov": "infinite too: even known words come in new combinations.",
            "cross_entropy_bits, log10_prob": "infinite for the same reason.",
            "tokens": "predicted events: the words, and one </s> a sentence.",
            "sentences": "the number of lines of the test text.",
            "oov": "words of the test text that the training text does not have.",
            "words, characters, bytes": "the size of the test text itself, line ends included: what `wc -w`, `wc -m` and `wc -c` count.",
            "zero_probability_tokens": "events that this model holds impossible.",
            "matched_orders": "how many events were found as part of a known n-gram of 1, 2 or 3 words.",
        },
    ),
    "laplace": ("Laplace: add 1 to every count", {}),
    "laplace-perplexity": (
        "… and measure",
        {
            "perplexity": "finite now: the model hesitates as if between so many equally likely words. Adding 1 gives unseen events far too much.",
            "perplexity_excluding_oov": "the same without unknown words.",
            "cross_entropy_bits": "log2 of the perplexity: bits needed to code an event with this model.",
            "log10_prob": "log10 of the probability of the whole text.",
            "word_perplexity, bits_per_byte, …": "the same for each word, byte or character of the text: models with other vocabularies can be compared by them.",
            "unspelled": "unknown words that cost the probability of <unk> only, whatever their letters: that flatters figures per word, byte or character; --spell-unknown charges their letters.",
            "zero_probability_tokens": "none: smoothing leaves nothing impossible.",
        },
    ),
    "kneser-ney": (
        "Modified Kneser–Ney: discount the counts, and lean on shorter histories",
        {
            "discounts": "what is taken from counts of 1, 2, and 3 or more; estimated from how many n-grams were seen once, twice, …",
            "n1 to n4": "how many n-grams have the adjusted count 1, 2, 3, 4.",
        },
    ),
    "kneser-ney-perplexity": ("… and measure", {"perplexity": "the best of the three by far, from the same counts."}),
    "tokens": (
        "Look at one sentence, token by token",
        {
            "log10_prob": "log10 of the probability of the token after the words before it.",
            "order": "the length of the longest known n-gram that ends here; 1: nothing of the history helped.",
            "oov": "1 for a word that is not in the vocabulary.",
        },
    ),
    "divergence": (
        "How far is the model from the text itself?",
        {
            "entropy_bits … tokens": "as above, of the test text.",
            "cross_entropy_bits": "bits an event costs under the model.",
            "kl_divergence_bits": "how many of them are the model's fault: cross-entropy less the text's own conditional entropy at the order of the model.",
        },
    ),
    "onehot": (
        "Words as indices: the 1 of a one-hot vector",
        {"index": "the column of the word; 0, 1 and 2 are </s>, <s> and <unk>."},
    ),
    "cooc": (
        "Which words stand near each other?",
        {"column 3": "the sum of 1/distance over all places where the two are at most 5 words apart."},
    ),
    "ppmi": (
        "… more often than chance would have it?",
        {
            "column 3": "positive pointwise mutual information: how many bits more likely the pair is than if the words were independent."
        },
    ),
    "cosine": (
        "How alike are two vectors?",
        {"cos(a, b)": "the cosine of the angle between them: 1 for the same direction, 0 for a right angle."},
    ),
    "svd": (
        "Short vectors of words: the 20 directions in which most of the PPMI lies",
        {"% of the squares": "the share of the matrix that 20 dimensions keep; the rest is detail, and chance."},
    ),
    "neighbours": (
        "Which words have vectors like that of football?",
        {"column 3": "the cosine; a text as small as this one knows little of a word but what stands beside it."},
    ),
    "softmax": (
        "Scores become probabilities: softmax",
        {"softmax": "e to the score, as a share of all: the larger score takes most, and none gets nothing."},
    ),
    "attention": (
        "Attention: where a query looks",
        {"weight": "the softmax of the products of the query with the keys: the key in its direction takes 0.731."},
    ),
    "network": (
        "Learn instead of count: a small network, trained by gradient descent",
        {
            "validation perplexity": "measured on sentences that are not learned from; it falls while the network learns what the words before tell."
        },
    ),
    "pipe": (
        "All at once, through pipes, with JSON at the end",
        {
            "matched_orders": "with longer n-grams few are found again in a new text: more than order 3 helps little on so small a corpus."
        },
    ),
}

FRENCH: Texts = {
    "words": (
        "Compter les mots : la distribution empirique du vocabulaire",
        {"colonne 2": "combien de fois le mot se trouve dans le texte ; quelques mots en font une grande part."},
    ),
    "bigrams": (
        "Compter les paires de mots (bigrammes)",
        {"colonne 2": "combien de fois le second mot suit le premier, dans une même phrase."},
    ),
    "entropy": (
        "Quelle est l'incertitude d'un mot ?",
        {
            "entropy_bits": "la surprise moyenne d'un mot, −Σ p log2 p : le nombre moyen de questions oui-non qu'il faut pour le deviner.",
            "entropy_bits_with_eos": "la même, la fin de phrase </s> étant une issue de plus.",
            "conditional_entropy_bits": "ce qui reste quand on connaît le mot précédent : bien moins, et c'est pourquoi les n-grammes servent.",
            "order": "la longueur des n-grammes de l'entropie conditionnelle : 2, soit un mot précédent.",
            "types": "le nombre de mots différents.",
            "tokens": "le nombre d'occurrences de mots.",
            "sentences": "le nombre de lignes.",
            "signature": "les réglages dont viennent ces chiffres ; à citer avec eux.",
        },
    ),
    "train": (
        "Compter les n-grammes d'ordre 1 à 3",
        {
            "n-grammes": "combien il y en a de différents à chaque ordre ; les unigrammes comprennent les marques </s>, <s> et <unk>."
        },
    ),
    "maximum-likelihood": (
        "Prédire un texte nouveau par les fréquences relatives : c(hw) / c(h)",
        {
            "perplexity": "infinie, car un seul événement de probabilité nulle rend le texte impossible : voilà pourquoi on lisse les modèles.",
            "perplexity_excluding_oov": "infinie aussi : même les mots connus forment des suites nouvelles.",
            "cross_entropy_bits, log10_prob": "infinies pour la même raison.",
            "tokens": "les événements prédits : les mots, et un </s> par phrase.",
            "sentences": "le nombre de lignes du texte de test.",
            "oov": "les mots du texte de test absents du texte d'entraînement.",
            "words, characters, bytes": "la taille du texte de test lui-même, fins de ligne comprises : ce que comptent `wc -w`, `wc -m` et `wc -c`.",
            "zero_probability_tokens": "les événements que ce modèle tient pour impossibles.",
            "matched_orders": "combien d'événements terminent un n-gramme connu de 1, 2 ou 3 mots.",
        },
    ),
    "laplace": ("Laplace : ajouter 1 à chaque compte", {}),
    "laplace-perplexity": (
        "… et mesurer",
        {
            "perplexity": "finie désormais : le modèle hésite comme entre autant de mots équiprobables. Ajouter 1 donne bien trop à ce qu'on n'a pas vu.",
            "perplexity_excluding_oov": "la même sans les mots inconnus.",
            "cross_entropy_bits": "le log2 de la perplexité : les bits qu'il faut pour coder un événement avec ce modèle.",
            "log10_prob": "le log10 de la probabilité du texte entier.",
            "word_perplexity, bits_per_byte, …": "la même par mot, octet ou caractère du texte : de quoi comparer des modèles aux vocabulaires différents.",
            "unspelled": "les mots inconnus qui ne coûtent que la probabilité de <unk>, quelles que soient leurs lettres : cela flatte les chiffres par mot, octet ou caractère ; --spell-unknown compte aussi leurs lettres.",
            "zero_probability_tokens": "aucun : le lissage ne laisse rien d'impossible.",
        },
    ),
    "kneser-ney": (
        "Kneser–Ney modifié : prendre un peu à chaque compte, et s'appuyer sur des historiques plus courts",
        {
            "escomptes": "ce qu'on retire aux comptes de 1, 2, et 3 ou plus ; estimé d'après le nombre de n-grammes vus une fois, deux fois, …",
            "n1 à n4": "combien de n-grammes ont le compte ajusté 1, 2, 3, 4.",
        },
    ),
    "kneser-ney-perplexity": (
        "… et mesurer",
        {"perplexity": "de loin la meilleure des trois, à partir des mêmes comptes."},
    ),
    "tokens": (
        "Regarder une phrase, mot à mot",
        {
            "log10_prob": "le log10 de la probabilité du mot après ceux qui le précèdent.",
            "order": "la longueur du plus long n-gramme connu qui finit ici ; 1 : rien de l'historique n'a servi.",
            "oov": "1 pour un mot hors du vocabulaire.",
        },
    ),
    "divergence": (
        "À quelle distance du texte lui-même est le modèle ?",
        {
            "entropy_bits … tokens": "comme plus haut, pour le texte de test.",
            "cross_entropy_bits": "les bits que coûte un événement avec ce modèle.",
            "kl_divergence_bits": "combien d'entre eux sont la faute du modèle : l'entropie croisée moins l'entropie conditionnelle du texte, à l'ordre du modèle.",
        },
    ),
    "onehot": (
        "Les mots comme indices : le 1 d'un vecteur one-hot",
        {"index": "la colonne du mot ; 0, 1 et 2 sont </s>, <s> et <unk>."},
    ),
    "cooc": (
        "Quels mots sont proches les uns des autres ?",
        {"colonne 3": "la somme des 1/distance sur tous les endroits où ils sont à 5 mots au plus."},
    ),
    "ppmi": (
        "… plus souvent que par hasard ?",
        {
            "colonne 3": "l'information mutuelle ponctuelle positive : de combien de bits la paire est plus probable que si les mots étaient indépendants."
        },
    ),
    "cosine": (
        "À quel point deux vecteurs se ressemblent-ils ?",
        {"cos(a, b)": "le cosinus de leur angle : 1 pour une même direction, 0 pour un angle droit."},
    ),
    "svd": (
        "Des vecteurs courts pour les mots : les 20 directions où se trouve le plus de la PPMI",
        {"% des carrés": "la part de la matrice que gardent 20 dimensions ; le reste est détail et hasard."},
    ),
    "neighbours": (
        "Quels mots ont un vecteur proche de celui de football ?",
        {"colonne 3": "le cosinus ; un si petit texte ne sait guère d'un mot que ce qui se trouve à côté."},
    ),
    "softmax": (
        "Des scores aux probabilités : le softmax",
        {"softmax": "e puissance le score, en part du total : le plus grand score prend le plus, aucun n'a rien."},
    ),
    "attention": (
        "L'attention : où regarde une requête",
        {"weight": "le softmax des produits de la requête et des clés : la clé de même direction reçoit 0,731."},
    ),
    "network": (
        "Apprendre au lieu de compter : un petit réseau, par descente de gradient",
        {
            "perplexité de validation": "mesurée sur des phrases qui ne servent pas à apprendre ; elle baisse tandis que le réseau apprend ce que disent les mots d'avant."
        },
    ),
    "pipe": (
        "Le tout d'un coup, par des tubes, avec du JSON à la fin",
        {
            "matched_orders": "les longs n-grammes se retrouvent peu dans un texte nouveau : au-delà de l'ordre 3, un si petit corpus aide peu."
        },
    ),
}
