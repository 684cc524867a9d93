namespace MicroSpark.Tests.Contexts;

/// <summary>A test on a <see cref="SmallDisk"/>; skipped, with the reason, where none can be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = SmallDisk.WhyNot;
}
