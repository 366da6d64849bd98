"""Over all projects somebody may see: worth, stage, choice, shared platforms."""
