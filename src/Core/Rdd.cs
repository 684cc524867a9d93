namespace MicroSpark;

/// <summary>A lazy recipe for a partitioned dataset.</summary>
public class Rdd<T>
{
    internal Rdd()
    {
    }
}
