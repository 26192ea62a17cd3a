"""What volunteers, leaders and keepers type."""
