"""Volunteers (志愿者): who can answer — profiles, skills, teams."""
