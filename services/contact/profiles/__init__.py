"""One consumer's contact points, consents and protective statements."""
