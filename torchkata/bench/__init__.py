"""How fast it is: the method, the ways that are measured, and the report.

`figures` ← `pairs` ← `machine`, `matmul`, `training`, `learner` measure; `figures` ← `runs` ← `compare`, `charts` ←
`page` ← `report` read what was measured, and do not import torch.
"""
