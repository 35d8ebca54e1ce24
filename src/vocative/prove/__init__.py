"""What the data allows: no module runs that its data does not carry."""
