FROM python:3.12-slim
ENV GIT_PYTHON_REFRESH=quiet MLFLOW_DISABLE_TELEMETRY=true PYTHONUNBUFFERED=1
ENV PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git libgomp1 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home trainer && install --directory --owner=trainer /project
WORKDIR /project
COPY --chown=trainer project/ ./
RUN pip install --requirement .reconcile-build-requirements.txt
RUN pip install --requirement .reconcile-requirements.txt
RUN python -c "import mlflow" || pip install mlflow==3.17.2
USER trainer
CMD ["mlflow", "run", ".", "--env-manager", "local"]
