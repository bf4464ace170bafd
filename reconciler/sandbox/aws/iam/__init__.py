"""Who may do what: policies of roles, evaluated for every call as AWS evaluates them."""
