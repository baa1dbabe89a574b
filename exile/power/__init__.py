"""What a sample could have seen: power, shown on made-up tables that judge no claim."""
