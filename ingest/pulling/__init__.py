"""From a source to a data set: download, unpack, read, check, publish whole."""
