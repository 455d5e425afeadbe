"""House rules as checks that explain themselves.

A guard looks at one file and yields (line, what is wrong). It brings snippets that it must refuse
and snippets that it must let pass, so that no guard can stand there asleep.
"""
