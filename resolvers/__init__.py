"""What can be asked and done: root fields, one module per area; `root` makes the Schema of them."""
