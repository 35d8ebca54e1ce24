"""Whether something happens within a span.

Buying, going quiet, slowing down, and the questions a business asks itself.
"""
