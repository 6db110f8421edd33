"""The kinds of things that a pod can leave behind, one module each."""
