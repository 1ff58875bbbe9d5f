"""What invented people say under the classes of the demo studio."""
