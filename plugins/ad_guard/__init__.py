"""Plugin: finds advertisements; what happens to their senders is another's business."""
