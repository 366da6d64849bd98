"""Give each test session a data folder of its own.

Loaded by `-p` before the settings are read, so that no test ever touches the data
of a portal that runs from the same tree.
"""

import atexit
import os
import shutil
import tempfile

folder = tempfile.mkdtemp(prefix="portal-tests-")
os.environ["DATA_DIR"] = folder
atexit.register(shutil.rmtree, folder, ignore_errors=True)
