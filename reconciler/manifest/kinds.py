"""Every kind of single value that a manifest may hold."""

from datetime import datetime
from typing import Annotated

from reconciler.core.desired import Compute, DriftPolicy, Run
from reconciler.manifest import forms, moments
from reconciler.manifest.aws_tables import REGIONS
from reconciler.manifest.leaves import checked, flag, name, one_of, period, positive, several, text, whole

_LENGTHS = "it is part of AWS names, of which SageMaker's hold 63 characters in all"
_COMMERCIAL = [one for one in REGIONS if not one.startswith("us-gov-")]
"""Those of the partition `aws`: in no other was an environment ever made."""

FormatVersion = Annotated[int, whole("Version of the manifest format", 1, 1, because="this program reads version 1")]
PlatformName = Annotated[str, name("Beginning of every AWS name (else TF_VAR_project)", 15, because=_LENGTHS)]
EnvironmentName = Annotated[str, name("Environment (else TF_VAR_env_name)", 8, because=_LENGTHS)]
Region = Annotated[
    str,
    one_of(
        "AWS region (else TF_VAR_region)",
        _COMMERCIAL,
        "an AWS region",
        because="the partition aws has no region of that name",
    ),
]
Bucket = Annotated[
    str,
    checked(
        "Bucket of Terraform's states (else TF_VAR_state_bucket_name)",
        forms.bucket,
        forms.BUCKET,
        because="S3 refuses other names",
    ),
]
Account = Annotated[
    str,
    text(
        "The only AWS account that may be touched",
        "^[0-9]{12}$",
        "an account number: 12 digits in quotes",
        because="accounts may begin with a zero, which a number loses",
    ),
]
Sandbox = Annotated[bool, flag("This environment is the embedded cloud on this machine")]
MaxVcpus = Annotated[int, whole("vCPUs that one compute environment may grow to", 1, because="below one nothing runs")]
RetireLimit = Annotated[int, whole("Retirements in one run", 0, because="it counts; more need --allow-retire NAME")]
Disk = Annotated[
    int,
    whole(
        "GiB of each EC2 instance that trains", 30, 16384, because="its system takes 30, and an EBS volume has no more"
    ),
]

ProjectName = Annotated[str, name("Name of the project", 24, because=_LENGTHS)]
FirstName = Annotated[str, name("First name of the project, which it keeps in AWS and MLflow", 24, because=_LENGTHS)]
Owner = Annotated[
    str,
    text(
        "Who answers for the project",
        "^[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,254}[A-Za-z0-9_.:/=+@-])?$",
        "1 to 256 letters, digits, spaces and _.:/=+-@",
        because="it becomes the value of an AWS tag",
    ),
]
TagKey = Annotated[
    str,
    checked("A tag", forms.tag_key, forms.TAG_KEY, because="AWS and the reconciler keep the others"),
]
TagValue = Annotated[
    str,
    text(
        "Its value",
        "^[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,254}[A-Za-z0-9_.:/=+@-])?$",
        "the value of a tag, in quotes: 1 to 256 letters, digits, blanks and _.:/=+-@",
        because="AWS takes these on everything",
    ),
]
SourceFolder = Annotated[
    str,
    checked(
        "Folder of the MLflow project (else ml-projects/<name>)",
        forms.folder,
        forms.FOLDER,
        because="only what git tracks beside the manifest can be trained",
    ),
]
ModelName = Annotated[
    str,
    checked(
        "Registered model in MLflow (else the project's name)",
        forms.model,
        forms.MODEL,
        because="MLflow cannot register, or cannot find, models of other names",
    ),
]
Protect = Annotated[bool, flag("Never retire the project while this stands")]
Reason = Annotated[
    str,
    checked("Why, for everybody who wonders", forms.sentence, forms.SENTENCE, because="it is shown where it matters"),
]
Until = Annotated[
    datetime,
    checked(
        "Until when; a date means the end of that day, UTC",
        moments.until,
        moments.UNTIL,
        because="a pause without an end is forgotten",
    ),
]
CleanTree = Annotated[bool, flag("Manifest, policies, Terraform code and project folders have to be as HEAD has them")]
SignedCommits = Annotated[
    bool, flag("HEAD needs a good signature by somebody whom git trusts on this machine, and the tree has to be clean")
]
FreezeEdge = Annotated[
    moments.Edge,
    checked(
        "A date is all of it; a time of day goes with days, and a `to` that is not later is of the next day",
        moments.edge,
        moments.EDGE,
        because="a freeze begins and ends at a clock that people read",
    ),
]
Days = Annotated[
    tuple[str, ...],
    several(
        "Days of every week on which it holds",
        one_of("Day", moments.DAYS, f"one of {', '.join(moments.DAYS)}", because="a week has these days"),
    ),
]
TimeZone = Annotated[
    str,
    text(
        "Whose clock people read",
        "^[A-Za-z][A-Za-z0-9_+/-]{0,63}$",
        "a name such as Europe/Berlin",
        because="the IANA database has these, and knows when their clocks are put forward and back",
    ),
]
DriftPolicyName = Annotated[
    str,
    one_of(
        "What is done when the world moved and git did not",
        DriftPolicy,
        f"one of {', '.join(DriftPolicy)}",
        because="drift is brought back, shown and left, or left",
    ),
]

Vcpu = Annotated[float, positive("vCPUs", 1024, because="AWS Batch reserves them for the job")]
Memory = Annotated[int, whole("MiB", 4, because="AWS Batch counts in MiB and gives no job fewer than 4")]
Gpu = Annotated[int, whole("GPUs", 0, 16, because="no EC2 instance has more")]
ComputeName = Annotated[
    str,
    one_of(
        "Where training runs (else fargate, or on_demand beyond its reach)",
        Compute,
        f"one of {', '.join(Compute)}",
        because="these are the job queues there are",
    ),
]
Timeout = Annotated[
    int, period("Time that one attempt may take (else 4h)", 60, because="AWS Batch takes no shorter timeout")
]
Attempts = Annotated[
    int, whole("Tries of one training job (else 3)", 1, 10, because="AWS Batch makes 1 to 10 attempts")
]
RunName = Annotated[
    str,
    one_of("When to train", Run, f"one of {', '.join(Run)}", because="a training starts by itself or it does not"),
]
Revision = Annotated[int, whole("A higher one trains once more", 0, because="it counts the retrainings asked for")]
Schedule = Annotated[
    str,
    text(
        "Train by the clock as well, UTC (else never)",
        r"^(cron|rate)\([^()]+\)$",
        "a schedule such as cron(0 3 ? * MON *) or rate(7 days)",
        because="EventBridge Scheduler repeats these two",
    ),
]
