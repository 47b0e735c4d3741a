"""Pictures that people upload, decoded within bounds of memory and time; whose they are is not known here.

`process.render_apart` decodes in a child process, which imports this package and Pillow alone.
"""
