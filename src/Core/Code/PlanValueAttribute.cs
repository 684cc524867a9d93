namespace MicroSpark.Code;

/// <summary>
/// Marks a class of the engine whose objects a plan may hold as values, such as an order that is made of the program's own. A plan that
/// anybody may have written fills their fields as it likes: they do nothing but ask what these hold, which is judged by itself.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class PlanValueAttribute : Attribute;
