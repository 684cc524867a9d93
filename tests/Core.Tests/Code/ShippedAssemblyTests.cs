using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Code;

public sealed class ShippedAssemblyTests
{
    [Fact]
    public void Any_bytes_are_an_assembly_or_no_image()
    {
        var id = new AssemblyId(new LineageId(1, 2));
        var shipped = new ShippedAssembly(id, "Some", [1, 2, 3, 4], [5, 6], [id, id]).ToBytes();
        Mutations.Check(
            shipped, static bytes => ShippedAssembly.FromBytes(bytes), 2000, 1, static e => e is BadImageFormatException);
    }
}
