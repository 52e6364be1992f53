"""Traffic judged while it happens: a live source in, events out as soon as they are sure.

At any moment what is said is what an analysis of the capture so far would say; only the memory is bounded.
"""
