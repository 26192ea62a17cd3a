"""Points that thank and never judge: rule books adopted by an assembly, passbooks, banks with goods, appeals."""
