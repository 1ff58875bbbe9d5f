"""What is a member's own among the classes: what they saved, began and did."""
