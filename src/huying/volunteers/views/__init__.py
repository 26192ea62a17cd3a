"""Pages of volunteers and teams."""
