"""What is wrong, who is told, and how that goes out.

Every process of ours has a watch; one of them has the lead, looks, and writes down what
it finds. Never in the way of beat or of a run: it has its own threads, and a way out
that hangs or fails costs itself.
"""
