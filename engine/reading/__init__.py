"""What is read off files that come from anybody, by a process of its own with bounds on memory and time.

Decoders of PDF and pictures are large: a file that breaks the reader breaks nothing else.
"""
