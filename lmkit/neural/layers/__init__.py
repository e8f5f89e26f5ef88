"""Layers with a way forward and a way back, on arrays that are made once and used again.

x: (rows, d), where rows are windows side by side × time. A layer keeps of the way forward what its way back needs, and adds to the
gradients of its parameters. No layer changes its input; the arrays that it returns are its own, and hold until its next call.
"""
