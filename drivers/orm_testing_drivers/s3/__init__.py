"""Objects in a bucket as a backend: rows as JSON, and attachments of rows, through boto3."""
