"""What agents, consumers and creditors do: each act calls the services and plans what follows."""
