FROM mambaorg/micromamba:2.3.2
ENV GIT_PYTHON_REFRESH=quiet MLFLOW_DISABLE_TELEMETRY=true PYTHONUNBUFFERED=1
ENV PATH=/opt/conda/bin:$PATH
USER root
RUN install --directory --owner=$MAMBA_USER /project
USER $MAMBA_USER
WORKDIR /project
COPY --chown=$MAMBA_USER project/ ./
RUN micromamba install --yes --name base --file conda.yaml \
 && micromamba clean --all --yes
RUN python -c "import mlflow" || micromamba install --yes --name base --channel conda-forge mlflow=3.17.2
CMD ["mlflow", "run", ".", "--env-manager", "local"]
