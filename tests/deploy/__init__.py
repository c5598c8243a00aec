"""What is deployed, checked without a cluster: a check is a function from documents to findings."""
