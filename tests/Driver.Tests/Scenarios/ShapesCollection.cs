namespace MicroSpark.Tests.Scenarios;

/// <summary>All scenarios share the clusters.</summary>
[CollectionDefinition(Name)]
public sealed class ShapesCollection : ICollectionFixture<Shapes>
{
    public const string Name = "shapes";
}

/// <summary>A test of every shape.</summary>
public sealed class EveryShapeAttribute : Xunit.Sdk.DataAttribute
{
    public override IEnumerable<object[]> GetData(System.Reflection.MethodInfo testMethod) => Shapes.Names.Select(name => new object[] { name });
}
