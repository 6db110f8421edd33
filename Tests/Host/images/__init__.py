"""Images for tests, made from busybox-static without any network."""
