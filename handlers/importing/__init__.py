"""Files of editors, from the upload to the publication."""
