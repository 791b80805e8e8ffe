"""DynamoDB through boto3: the driver, the store, and how to get a server."""
