"""`mlflow artifacts download -u models:/NAME/VERSION -d FOLDER`"""

import os
import sys

uri, folder = sys.argv[sys.argv.index("-u") + 1], sys.argv[sys.argv.index("-d") + 1]
os.makedirs(folder)  # noqa: PTH103 - importing pathlib takes longer than all the rest
with open(f"{folder}/MLmodel", "w") as file:  # noqa: PTH123
    file.write(uri)
