"""How the tokens begin that training code may print. Each is one that no digest, commit, ARN or name of ours can have.

Which there are is kept up by gitleaks (https://github.com/gitleaks/gitleaks), how they look by those who issue them.
"""

TOKENS = (
    r"(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])",  # AWS: ids of access keys
    r"eyJ[\w-]{8,4000}\.[\w-]{8,4000}(?:\.[\w-]{0,4000})?",  # JSON Web Tokens
    r"(?:gh[oprsu]_|github_pat_|gl(?:pat|ptt|rt|dt|cbt|soat)-)[\w-]{16,255}",  # GitHub, GitLab
    r"(?:xox[abceprs]-|xapp-)[\w-]{16,255}",  # Slack
    r"(?:hf|api_org)_[A-Za-z0-9]{30,255}",  # Hugging Face
    r"sk-[A-Za-z0-9]{32,255}",  # OpenAI, and those who took the form over
    r"sk-ant-(?:api|admin|oat|ort|sid)[0-9]{2}-[\w-]{3,255}(?:(?:\.{3}|…)\w{0,8})?",  # Anthropic, shortened too
    r"sk-(?:proj|svcacct|admin|ant)-(?=[\w-]{0,255}[A-Z])[\w-]{16,255}",  # OpenAI, Anthropic
    r"sk-or-v1-[0-9a-f]{64}",  # OpenRouter
    r"(?:gsk_|r8_|nvapi-|pcsk_|pplx-)(?=[\w-]{0,255}[A-Z])[\w-]{30,255}",  # Groq, Replicate, NVIDIA and others
    r"(?:gsk_|r8_)(?=[A-Za-z0-9]{0,255}[A-Z0-9])[A-Za-z0-9]{16,255}",  # Groq and Replicate, which have no other signs
    r"nvapi-(?=[\w-]{0,255}[A-Z])(?=[\w-]{0,255}[0-9])[\w-]{16,255}",  # NVIDIA
    r"nvapi-[a-z0-9_]{25}[\w-]{0,230}",  # as long as no part of a name of ours
    r"xai-[A-Za-z0-9]{70,255}",  # xAI
    r"lsv2_[a-z]{2}_[0-9a-f]{32}_[0-9a-f]{10}",  # LangSmith
    r"(?:dapi|dose|dkea)[0-9a-f]{32}(?:-[0-9]{1,2})?",  # Databricks, and MLflow there
    r"AIza[\w-]{35}",  # Google: API keys
    r"ya29\.[\w-][\w.-]{15,2000}\b",  # Google: access
    r"GOCSPX-[\w-]{20,64}",  # Google: OAuth clients
    r"wandb_v[0-9]_[\w-]{20,255}",  # Weights & Biases; its old keys look like commits
    r"KGAT_[0-9a-f]{32}",  # Kaggle
    r"eyJhcGlf[\w+/-]{40,1000}={0,2}",  # Neptune
    r"ABSK[A-Za-z0-9+/]{100,300}={0,2}",  # Amazon Bedrock
    r"bedrock-api-key-[A-Za-z0-9+/]{40,4000}={0,2}",
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}",  # Stripe
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-(?:AgE[\w-]{5,1000}|[\w-]{50,1000})",  # each begins with the version of its form, in base64
    r"dckr_[a-z]{3,4}_[\w-]{20,255}",  # Docker Hub
    r"hv[sb]\.[\w-]{24,300}",  # Vault
    r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}",  # HCP Terraform
    r"SG\.[\w-]{16,32}\.[\w-]{32,64}",  # SendGrid
)
