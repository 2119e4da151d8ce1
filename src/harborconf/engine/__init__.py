"""Document, merging, diff, plan, steps, apply and export."""
