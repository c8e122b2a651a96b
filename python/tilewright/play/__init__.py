"""A story for people: read from a pipe as plain text, or played on a terminal.

`session` drives the game and keeps files; `plain` and `screen` are the two ways to talk to it,
`status` and `monitor` what stands under the story on a terminal.
"""
