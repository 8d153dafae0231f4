"""Entry points: settings, the container, the command line, the server and its web application.

It makes every object and reads every setting. It decides nothing that a use case or the domain could decide.
"""

import os

# The learner's blocks are small enough for one core, and on a busy host the threads of BLAS wait for each other many
# times as long as they compute. numpy reads this when it is imported, so it is set before any module of the program.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
