"""What is due, and when: thin Prefect flows over domain and statemachines."""
