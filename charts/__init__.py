"""An engine result in, a picture out. Pure."""
