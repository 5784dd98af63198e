"""The engines that take turns: one module each, all with the same interface."""
