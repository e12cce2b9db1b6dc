"""Where the bytes of datasets live: a local folder or any S3-compatible store."""
