"""The AWS wire: protocols, signatures, errors and generated shapes of the AWS APIs that Stoker serves."""
