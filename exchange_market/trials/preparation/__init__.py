"""The limited child process that reads a revision's rows to scan them and to make the sample.

Parent and child share `messages`; `process` is the parent's side, `work` the child's.
"""
