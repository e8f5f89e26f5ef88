# lmkit as a command in a container, of wheels alone, for a user who is not root:
#
#     docker build --tag lmkit .
#     docker run --rm --volume "$PWD:/work" lmkit count corpus.txt
#
# The limit of memory of a container (docker run --memory 1g) is the one that lmkit keeps to.
FROM python:3.13-slim AS built
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY lmkit lmkit
COPY corpora corpora
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY --from=built /wheels /wheels
RUN python -m pip install --no-cache-dir --only-binary :all: /wheels/*.whl \
    && rm -r /wheels \
    && useradd --create-home --uid 1000 lmkit
USER 1000
WORKDIR /work
ENTRYPOINT ["lmkit"]
CMD ["--help"]
