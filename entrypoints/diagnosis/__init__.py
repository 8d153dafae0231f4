"""What `endeavour doctor` looks at: each file examines one thing and says what to mend, and changes nothing."""
