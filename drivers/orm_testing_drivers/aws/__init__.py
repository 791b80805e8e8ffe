"""What stores that are asked through boto3 share: endpoints, clients that read nothing of the user's, moto, errors."""
