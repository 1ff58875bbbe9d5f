"""What waits for somebody who teaches: which threads, and the page they are answered on."""
