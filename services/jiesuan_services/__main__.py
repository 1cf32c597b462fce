"""`python -m jiesuan_services NAME`: one process of the stack.


The command `jiesuan up` starts these; a container starts them the same way.
"""

from jiesuan_services.cli import main

if __name__ == "__main__":
    main()
